// How long sessions of people, devices and the editor last.
export interface SessionLimits {
  /** A person who does nothing for this long has left; one shift by default. */
  readonly idleMs: number;
  readonly absoluteMs: number;
  /** A wall screen or a shared tablet stays; it is opened anew a few times a year. */
  readonly deviceAbsoluteMs: number;
  /** A person at a shared tablet who does nothing for this long has walked away. */
  readonly personIdleMs: number;
  /** A login of Node-RED's editor; one shift by default. */
  readonly editorMs: number;
  /** For so long the password of a person at a shared tablet carries what asks for it. */
  readonly stepUpMs: number;
}

const minute = 60_000;
const day = 24 * 60 * minute;

export const defaultLimits: SessionLimits = {
  idleMs: 8 * 60 * minute,
  absoluteMs: 7 * day,
  deviceAbsoluteMs: 90 * day,
  personIdleMs: 10 * minute,
  editorMs: 8 * 60 * minute,
  stepUpMs: 5 * minute,
};
