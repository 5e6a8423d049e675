import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { curl } from "./curl";

describe("a request as cURL", () => {
  it("leaves out what cURL makes itself", () => {
    const text = curl({
      method: "POST",
      url: "https://api.example.com/x?a=1&b=2",
      headers: [{ name: "host", value: "api.example.com" }, { name: "webhook-id", value: "inv_1" }],
      body: '{"a":"it\'s"}',
    });
    expect(text).toBe(
      "curl -X POST 'https://api.example.com/x?a=1&b=2' \\\n  -H 'webhook-id: inv_1' \\\n  --data-raw '{\"a\":\"it'\\''s\"}'",
    );
  });

  it("reaches the shell as it is, whatever the body", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: "binary" }), (body) => {
        const text = curl({ method: "POST", url: "https://a.example/", headers: [], body });
        expect(words(text).at(-1)).toBe(body);
      }),
    );
  });
});

/** The words of a command, read the way a POSIX shell reads quotes and backslashes. */
function words(command: string): string[] {
  const out: string[] = [];
  let word: string | null = null;
  for (let i = 0; i < command.length; i += 1) {
    const c = command.charAt(i);
    if (c === "'") {
      const end = command.indexOf("'", i + 1);
      word = (word ?? "") + command.slice(i + 1, end);
      i = end;
    } else if (c === "\\") {
      i += 1;
      if (command.charAt(i) !== "\n") word = (word ?? "") + command.charAt(i);
    } else if (c === " ") {
      if (word !== null) out.push(word);
      word = null;
    } else {
      word = (word ?? "") + c;
    }
  }
  return word === null ? out : [...out, word];
}
