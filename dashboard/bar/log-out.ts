// Ends the session on the server; the page leaves whatever the answer is.

/** Resolves also when the server cannot be reached: the screen is cleared first, the session ends by its idle time. */
export async function logOut(path: string): Promise<void> {
  try {
    await fetch(path, { method: 'POST', credentials: 'same-origin', headers: { accept: 'application/json' } });
  } catch {
    return;
  }
}
