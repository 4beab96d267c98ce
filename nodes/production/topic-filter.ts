// Topic filters of MQTT 3.1.1, section 4.7, and shared ones: which topics they mean, and which machine a topic names.

/** `$share/GROUP/FILTER`: the broker gives each message to one of the group, under its own topic. */
const shared = /^\$share\/[^/+#]+\/(?=.)/;

/** Wildcards stand alone on their level, and # comes last. */
export function isTopicFilter(text: string): boolean {
  if (text.length > 512 || (text.startsWith('$share/') && !shared.test(text))) return false;
  const levels = levelsOf(text);
  return levels.every(
    (level, index) => level === '+' || (level === '#' && index === levels.length - 1) || !/[+#\0]/.test(level),
  );
}

export function topicFits(filter: string, topic: string): boolean {
  const wanted = levelsOf(filter);
  const levels = topic.split('/');
  for (const [index, level] of wanted.entries()) {
    if (level === '#') return true;
    if (levels[index] === undefined || (level !== '+' && level !== levels[index])) return false;
  }
  return wanted.length === levels.length;
}

/** The level of `topic` that the first `+` of `filter` stands for; null when the filter has none or doesn't fit. */
export function machineInTopic(filter: string, topic: string): string | null {
  const place = levelsOf(filter).indexOf('+');
  return place >= 0 && topicFits(filter, topic) ? (topic.split('/')[place] ?? null) : null;
}

function levelsOf(filter: string): readonly string[] {
  return filter.replace(shared, '').split('/');
}
