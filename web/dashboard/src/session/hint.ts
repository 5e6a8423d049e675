// Whether somebody has signed in here. Nobody has to be asked where the answer is known: a browser would write
// the refusal into its console.

const NAME = 'deskhand-signed-in';

/** Whether it is worth asking the server who is signed in. Where nothing can be remembered, it is. */
export function mayBeSignedIn(): boolean {
  try {
    return window.localStorage.getItem(NAME) !== null;
  } catch {
    return true;
  }
}

/** Remembers that a session has begun, or ended. */
export function rememberSession(signedIn: boolean): void {
  try {
    if (signedIn) window.localStorage.setItem(NAME, '1');
    else window.localStorage.removeItem(NAME);
  } catch {
    // Storage that is refused costs one question to the server.
  }
}
