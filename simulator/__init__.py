"""A WeCom of our own: the real protocol over HTTP, people to talk as, faults on demand, and a chat page.

`bqw demo` and the tests start it with `simulator.server.start`. It imports no other room and shares no code
with the bot, so that both sides cannot make the same mistake about the protocol.
"""
