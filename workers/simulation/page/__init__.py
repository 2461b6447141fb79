"""The result as one page that needs nothing else: tables, and pictures drawn as SVG."""
