/** What is wrong with a new password, if anything. The server counts the same way. */
export function passwordFault(password: string): string | null {
  const length = [...password].length;
  if (length < 8) return 'Use at least 8 characters.';
  if (length > 128) return 'Use at most 128 characters.';
  return null;
}

/** What is wrong with an email address at first sight. */
export function emailFault(email: string): string | null {
  return /^\S+@\S+\.\S+$|^\S+@localhost$/.test(email.trim()) ? null : 'Enter an email address, like ada@example.com.';
}

/** What is wrong with a text that may not be empty. */
export function needed(what: string): (value: string) => string | null {
  return (value) => (value.trim() === '' ? `Enter ${what}.` : null);
}
