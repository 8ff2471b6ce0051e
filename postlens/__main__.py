"""`python -m postlens` is `postlens`."""

from postlens.app.commands.cli import main

if __name__ == "__main__":
    main()
