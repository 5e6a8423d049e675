import { expect, test } from "vitest";
import { underWay, unreadWords } from "./words";

test.each([
  ["Check order status", "Checking order status…"],
  ["Cancel order", "Cancelling order…"],
  ["Request refund", "Requesting refund…"],
  ["Change the address", "Changing the address…"],
  ["Track", "Tracking…"],
  ["get invoice", "getting invoice…"],
  ["Update", "Updating…"],
  ["Order lookup", "Order lookup…"],
  ["Bestellung prüfen", "Bestellung prüfen…"],
  ["注文を確認", "注文を確認…"],
  ["", "…"],
])("%s while it runs", (name, words) => {
  expect(underWay(name)).toBe(words);
});

test("unread messages in words", () => {
  expect(unreadWords(1)).toBe("1 new message");
  expect(unreadWords(3)).toBe("3 new messages");
});
