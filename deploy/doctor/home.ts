// The doctor's look at the plant's home: whether other accounts of the machine can read what lies there.
import { sep } from 'node:path';
import { openPaths } from '../../nodes/access/private-home.ts';
import type { OutsideSystem } from './examination.ts';

const shown = 3;

export function homeSystem(home: string, databaseUrl: string): OutsideSystem {
  return {
    name: 'Home',
    location: home,
    deadlineMs: 10_000,
    examine: async () => {
      const open = reachable(openPaths(home, databaseUrl), home);
      if (open.length === 0) return [{ check: 'is private', verdict: 'works', found: 'nobody else can read it' }];
      const more = open.length > shown ? `, and ${open.length - shown} more` : '';
      return [
        {
          check: 'is private',
          verdict: 'fails',
          found: `others can read ${open.slice(0, shown).join(', ')}${more}`,
          advice: `Start once with 'npm start', which takes it from others, or: chmod -R go= ${home}`,
        },
      ];
    },
  };
}

/** Into a home that is closed nobody gets, whatever the files in it say. */
function reachable(open: readonly string[], home: string): readonly string[] {
  return open.includes(home) ? open : open.filter((path) => !path.startsWith(`${home}${sep}`));
}
