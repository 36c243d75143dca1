"""WeCom's protocol: opening what it sends, sealing what goes back, and calling its API."""
