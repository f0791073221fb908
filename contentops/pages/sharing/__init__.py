"""What search engines, feed readers and chat apps see of a page: pure functions over plain values."""
