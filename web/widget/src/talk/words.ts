// What the widget says of its own accord. Short, warm, honest, and always a way on.

export const WORDS = {
  open: "Open chat",
  close: "Close chat",
  placeholder: "Write a message",
  send: "Send",
  you: "You",
  person: "A person from our team",
  sending: "Sending…",
  waiting: "You're sending messages quickly. Yours will go out in a moment.",
  offline: "You're offline. We'll carry on when you're back.",
  reconnecting: "Reconnecting…",
  typing: "Writing a reply…",
  again: "Try again",
  uncertain: "We couldn't get an answer to this. You can try again.",
  refused: "This message couldn't be sent. Send it again, or put it another way.",
  unavailable: "This chat isn't available right now. Please try again later.",
  mayWe: "Shall we go ahead?",
  yes: "Yes, go ahead",
  no: "No, don't",
  approved: "You said yes.",
  rejected: "You said no.",
  over: "This request is no longer open.",
  newer: "New messages",
};

/** The number of messages not read yet, in words. */
export function unreadWords(count: number): string {
  return count === 1 ? "1 new message" : `${count} new messages`;
}

// Only verbs that are not also common nouns at the head of a name; "Order lookup" stays as it is.
const VERBS = new Set(
  ("add apply arrange ask book calculate cancel change check close collect confirm convert create " +
    "delete edit extend fetch find fix generate get give load locate look make modify move open pause " +
    "place prepare process read refresh register remove renew replace request reschedule reserve reset " +
    "resend restart resume retrieve run save schedule search send show start stop submit subscribe " +
    "suggest swap take track transfer unlock unsubscribe update upgrade verify")
    .split(" "),
);
const DOUBLED = /^(cancel|get|reset|run|stop|submit|swap|transfer)$/;

/** "Check order status" while it runs: "Checking order status…". */
export function underWay(displayName: string): string {
  const [, first = "", rest = ""] = /^(\S*)(.*)$/s.exec(displayName.trim()) ?? [];
  if (!VERBS.has(first.toLowerCase())) return `${first}${rest}…`;
  const stem = DOUBLED.test(first.toLowerCase())
    ? first + first.slice(-1)
    : first.replace(/([^e])e$/i, "$1");
  return `${stem}ing${rest}…`;
}
