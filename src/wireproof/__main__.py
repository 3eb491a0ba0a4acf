"""`python -m wireproof` is the command `wireproof`."""

from wireproof.cli import start

if __name__ == "__main__":
    start()
