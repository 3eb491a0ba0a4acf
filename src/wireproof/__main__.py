"""`python -m wireproof` is the command `wireproof`."""

from wireproof.cli import main

if __name__ == "__main__":
    main()
