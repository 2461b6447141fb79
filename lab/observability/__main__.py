"""Write the dashboards and the rules of the objectives to deploy/."""

from lab.observability.written import files


def main() -> None:
    """Write them; say which have changed."""
    for path, text in files().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(path)  # noqa: T201 - for whoever runs it


if __name__ == "__main__":
    main()
