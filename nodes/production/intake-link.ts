// What the intake asks of a broker's connection: messages with tickets, and a PUBACK for each ticket when it says so.

export interface LinkSettings {
  /** `mqtt://host:1883` or `mqtts://host:8883`, without user and password. */
  readonly url: string;
  /** Fixed: the broker keeps messages for it while this process is away. */
  readonly clientId: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** PEM; undefined: the ones that Node.js knows. */
  readonly certificateAuthority: string | undefined;
  readonly topics: readonly string[];
  /** So many messages may be taken and not committed; then the broker waits. */
  readonly maxInFlight: number;
  /** A longer payload is let go by and refused by its length; left out: `defaultMaxMessageBytes`. */
  readonly maxMessageBytes?: number;
}

/** Six hundred messages of the original's size; a broker would hand over 256 MB in one. */
export const defaultMaxMessageBytes = 256 * 1024;

export interface ArrivedMessage {
  readonly topic: string;
  /** Its payload; where that is no UTF-8, a character for each byte. */
  readonly text: string;
  readonly isUtf8: boolean;
  /** Bytes of a payload that is longer than the link takes, and of which `text` is the beginning; null for any other. */
  readonly fullBytes?: number | null;
  readonly retain: boolean;
  readonly dup: boolean;
  /** To be acknowledged; null for QoS 0. */
  readonly ticket: number | null;
}

export interface IntakeListener {
  onMessage(message: ArrivedMessage): void;
  /**
   * On every change; `detail` says what is wrong, in the broker's or the socket's words.
   * @param isContested another client uses the same client id; `connected` is false then, although connections come and go
   */
  onLink(connected: boolean, detail: string, isContested?: boolean): void;
}

export interface IntakeUse {
  /** Tickets of an earlier connection are ignored: the broker sends those messages again. */
  acknowledge(tickets: readonly number[]): void;
  /** Breaks the connection, so that the broker sends again what was not acknowledged. */
  redeliver(): void;
  close(): Promise<void>;
}

export interface IntakeLink {
  use(topics: readonly string[], listener: IntakeListener): IntakeUse;
}
