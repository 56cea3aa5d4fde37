"""``python -m pressmark``: how the service starts its worker, whatever the environment calls its scripts."""

from pressmark.cli import main

if __name__ == "__main__":
    main()
