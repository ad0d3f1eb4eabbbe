"""What a play, a walk and a scan share: what went wrong is collected, said, and ends them with status 1."""
import sys

failures = []


def check(is_true, what):
    print(f"  {'ok  ' if is_true else 'FAIL'} {what}")
    if not is_true:
        failures.append(what)


def look(page, name, folder):
    """A picture of a page, where a folder is named, and what axe-core says of it: what it finds serious is a failure."""
    from axe_playwright_python.sync_playwright import Axe

    if folder:
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
    for finding in Axe().run(page).response["violations"]:
        nodes = "; ".join(node["html"][:140] for node in finding["nodes"][:2])
        print(f"  axe {name}: {finding['impact']} {finding['id']}: {nodes}")
        if finding["impact"] in ("serious", "critical"):
            failures.append(f"{name}: {finding['id']}")


def end():
    if failures:
        print("FAILED:\n" + "\n".join(failures))
        sys.exit(1)
    print("all well")
