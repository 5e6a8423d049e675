import fc from "fast-check";
import { expect, test } from "vitest";
import { contrast, legible } from "./colors";

const color = fc
  .integer({ min: 0, max: 0xffffff })
  .map((number) => `#${number.toString(16).padStart(6, "0")}`);

test("black on white is 21 to 1", () => {
  expect(contrast("#000000", "#ffffff")).toBeCloseTo(21);
  expect(contrast("#ffffff", "#ffffff")).toBeCloseTo(1);
});

test("the owner's colour is kept where it can be read", () => {
  expect(legible("#1f6feb", "#ffffff")).toBe("#ffffff");
  expect(legible("#ffffff", "#eeeeee")).toBe("#000000");
});

test("whatever the colours, the text can be read", () => {
  fc.assert(
    fc.property(color, color, (background, text) => {
      expect(contrast(background, legible(background, text))).toBeGreaterThanOrEqual(4.5);
    }),
  );
});
