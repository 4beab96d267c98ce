// What people are told of a problem, when, and under which key, so that each is told once whatever is edited or repeated.
import type { Role } from '../access/messages.ts';
import type { NotifyCommand } from '../notify/messages.ts';
import type { CtpNotice, Severity } from './messages.ts';
import { isOpen, type Problem } from './problem.ts';

export const noticeLanguages = ['id', 'en-US'] as const;
export type NoticeLanguage = (typeof noticeLanguages)[number];

/** Minutes after which an open problem is told to the supervisors, then to the managers; an empty list never. */
export type EscalationLimits = Readonly<Record<Severity, readonly number[]>>;

export interface NoticeSettings {
  readonly language: NoticeLanguage;
  /** Path of the machine page, such as `/dashboard/ctp-machine`. */
  readonly page: string;
}

export interface NewNotice {
  readonly kind: CtpNotice;
  readonly dedupeKey: string;
  readonly command: NotifyCommand & { readonly type: CtpNotice };
}

interface MachineWords {
  readonly name: string;
  readonly nickname: string;
}

/** The original cut descriptions here. */
const longestDescription = 100;

const texts = {
  id: {
    ctp_problem_new: 'Masalah baru',
    ctp_problem_reopened: 'Masalah dibuka lagi',
    ctp_problem_moved: 'Masalah dipindahkan',
    ctp_problem_resolved: 'Masalah selesai',
    ctp_problem_escalated: 'Masalah belum selesai',
    stop: 'berhenti',
    slow: 'lambat',
    minor: 'ringan',
    hours: (hours: string) => `terbuka ${hours} jam`,
  },
  'en-US': {
    ctp_problem_new: 'New problem',
    ctp_problem_reopened: 'Problem open again',
    ctp_problem_moved: 'Problem moved',
    ctp_problem_resolved: 'Problem resolved',
    ctp_problem_escalated: 'Problem still open',
    stop: 'stop',
    slow: 'slow',
    minor: 'minor',
    hours: (hours: string) => `open for ${hours} h`,
  },
} as const;

const severityOf: Readonly<Record<Severity, NotifyCommand['severity']>> = {
  stop: 'alarm',
  slow: 'warning',
  minor: 'info',
};
const departmentPeople: readonly Role[] = ['ctp', 'admin'];
/** Who is told at which level of escalation; further limits tell the last again. */
const levels: readonly (readonly Role[])[] = [['supervisor'], ['manager']];

/**
 * What the step from `before` to `after` is told as: a new problem, each end of one, each reopening (or the last word in the bell
 * would be that it is over), and a move of an open one. A problem that is entered with its end is told as its end only.
 * @param left the machine that a moved problem was on before: its people hear of the move as those of `machine` do
 */
export function noticesOf(
  before: Problem | undefined,
  after: Problem,
  machine: MachineWords,
  settings: NoticeSettings,
  left?: MachineWords,
): readonly NewNotice[] {
  const about: About = { problem: after, machine, roles: departmentPeople };
  const notices: NewNotice[] = [];
  if (left && before && isOpen(before.status)) {
    const kind = 'ctp_problem_moved';
    notices.push(notice(kind, `${kind}:${after.id}:${after.version}`, { ...about, left }, settings));
  }
  if (after.status === 'completed' && before?.status !== 'completed') {
    const kind = 'ctp_problem_resolved';
    notices.push(notice(kind, `${kind}:${after.id}:${after.opening}`, about, settings));
  } else if (before?.status === 'completed' && after.status === 'reopened') {
    const kind = 'ctp_problem_reopened';
    notices.push(notice(kind, `${kind}:${after.id}:${after.opening}`, about, settings));
  } else if (!before) {
    const kind = 'ctp_problem_new';
    notices.push(notice(kind, `${kind}:${after.id}`, about, settings));
  }
  return notices;
}

/** Levels that `problem` has reached and nobody was told of, 1 for the first limit. */
export function dueLevels(
  problem: Pick<Problem, 'status' | 'severity' | 'open_since_ms' | 'escalated'>,
  limits: EscalationLimits,
  nowMs: number,
): readonly number[] {
  if (!isOpen(problem.status)) return [];
  const reached = limits[problem.severity].filter(
    (minutes) => nowMs - problem.open_since_ms >= minutes * 60_000,
  ).length;
  return Array.from({ length: Math.max(0, reached - problem.escalated) }, (_, index) => problem.escalated + 1 + index);
}

export function escalationNotice(
  problem: Problem,
  level: number,
  nowMs: number,
  machine: MachineWords,
  settings: NoticeSettings,
): NewNotice {
  const kind = 'ctp_problem_escalated';
  const roles = levels[Math.min(level, levels.length) - 1] ?? [];
  const hours = ((nowMs - problem.open_since_ms) / 3_600_000).toFixed(1);
  const key = `${kind}:${problem.id}:${problem.opening}:${level}`;
  const made = notice(kind, key, { problem, machine, roles }, settings);
  const title = `${made.command.title} · ${texts[settings.language].hours(hours)}`;
  return { ...made, command: { ...made.command, title, severity: 'alarm' } };
}

interface About {
  readonly problem: Problem;
  readonly machine: MachineWords;
  /** Where it was before. */
  readonly left?: MachineWords;
  readonly roles: readonly Role[];
}

function notice(
  kind: CtpNotice,
  dedupeKey: string,
  { problem, machine, left, roles }: About,
  { language, page }: NoticeSettings,
): NewNotice {
  const words = texts[language];
  const where = left ? `${left.name} → ${machine.name}` : machine.name;
  const code = problem.error_code === null ? '' : ` · ${problem.error_code}`;
  const told =
    kind === 'ctp_problem_resolved' ? (problem.solution ?? problem.problem_description) : problem.problem_description;
  return {
    kind,
    dedupeKey,
    command: {
      command: 'notify',
      type: kind,
      recipients: { roles, machines: [...(left ? [left.nickname] : []), machine.nickname] },
      title: `${words[kind]}: ${where} · ${words[problem.severity]}${code}`,
      body: shortened(told),
      // Who may see only the machine that it has left is shown that one.
      link: `${page}?machine=${machine.nickname}&problem=${problem.id}${left ? `&left=${left.nickname}` : ''}`,
      severity: kind === 'ctp_problem_resolved' ? 'info' : severityOf[problem.severity],
      dedupeKey,
    },
  };
}

/** Whole characters: cutting between the halves of one would store something that is no text. */
function shortened(text: string): string {
  const characters = Array.from(text.replace(/\s+/g, ' ').trim());
  return characters.length <= longestDescription
    ? characters.join('')
    : `${characters.slice(0, longestDescription - 1).join('')}…`;
}
