// Who did something: a word that every room's events and audit trails share.

/** A person or token from the session, or the system's own clock. Never read from a message body. */
export interface Actor {
  readonly name: string;
  readonly via: 'clock' | 'http' | 'flow' | 'session';
}
