"""The rival's side of `policy`: Rego rules over texts, in the environment that has regopy."""

import json
import sys
import time

import regopy


def main() -> None:
    """Read {"rules", "texts"}, decide each text, print the mean CPU seconds of one."""
    question = json.load(sys.stdin)
    interpreter = regopy.Interpreter()
    interpreter.add_module("met", question["rules"])
    start = time.process_time()
    for text in question["texts"]:
        interpreter.set_input({"text": text})
        interpreter.query("x = data.met.hits")
    print(json.dumps({"seconds": (time.process_time() - start) / len(question["texts"])}))


if __name__ == "__main__":
    main()
