# The first line; the libraries below it differ from system to system.
nightmill version | head -n 1
