"""The process and its outer wall: the doors people knock on, and the way out to WeCom."""
