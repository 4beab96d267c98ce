// One word, one icon and one tone for everything of Log CTP that has a state, the same on every page.
import type { CtpMachine, MachineStatus, ProblemStatus, Severity, TechnicianType } from '../../nodes/ctp/messages.ts';
import type { StateWord, Tone } from '../common/state-words.ts';

export const machineWords: Readonly<Record<MachineStatus, StateWord>> = {
  active: { key: 'ctp.machine.active', icon: 'check-circle-outline', tone: 'neutral' },
  maintenance: { key: 'ctp.machine.maintenance', icon: 'wrench', tone: 'warning' },
  cleaning: { key: 'ctp.machine.cleaning', icon: 'spray-bottle', tone: 'notice' },
  offline: { key: 'ctp.machine.offline', icon: 'power-plug-off-outline', tone: 'quiet' },
};

export const severityWords: Readonly<Record<Severity, StateWord>> = {
  stop: { key: 'ctp.severity.stop', icon: 'alert-octagon', tone: 'alarm' },
  slow: { key: 'ctp.severity.slow', icon: 'alert', tone: 'warning' },
  minor: { key: 'ctp.severity.minor', icon: 'information-outline', tone: 'notice' },
};

export const problemWords: Readonly<Record<ProblemStatus, StateWord>> = {
  ongoing: { key: 'ctp.problem.ongoing', icon: 'timer-sand', tone: 'warning' },
  reopened: { key: 'ctp.problem.reopened', icon: 'restart', tone: 'warning' },
  completed: { key: 'ctp.problem.completed', icon: 'check', tone: 'neutral' },
  void: { key: 'ctp.problem.void', icon: 'cancel', tone: 'quiet' },
};

export const technicianWords: Readonly<Record<TechnicianType, StateWord>> = {
  lokal: { key: 'ctp.technician.lokal', icon: 'account-wrench', tone: 'neutral' },
  vendor: { key: 'ctp.technician.vendor', icon: 'truck-outline', tone: 'neutral' },
  none: { key: 'ctp.technician.none', icon: 'account-off-outline', tone: 'quiet' },
};

/** What the whole machine calls for: the worst open problem first, else its status. */
export function toneOf(machine: CtpMachine): Tone {
  if (machine.open_severity) return severityWords[machine.open_severity].tone;
  return machineWords[machine.status].tone;
}
