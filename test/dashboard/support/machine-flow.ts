// The shipped pages Production and Health with a stand-in behind them, driven by the test over HTTP.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { standInFlow } from './stand-in-flow.ts';

interface FlowNode {
  readonly id: string;
  readonly type: string;
  readonly z?: string;
}

const shipped = join(import.meta.dirname, '..', '..', '..', 'flows', 'production-health.json');
const pageTypes = ['ui-page', 'ui-group', 'ui-production', 'ui-health'];

/**
 * POST /test/view/production and /test/view/health feed the pages; requests are answered with what POST /test/answers stored under
 * their command (`{refuse: {code, message}}` is a refusal) and listed by GET /test/commands.
 */
export function machineFlow(): readonly object[] {
  const nodes = JSON.parse(readFileSync(shipped, 'utf8')) as FlowNode[];
  const z = 'test-tab';
  const pages = nodes
    .filter(({ type }) => pageTypes.includes(type))
    .map((node) => {
      if (node.type === 'ui-production') return { ...node, z, g: undefined, wires: [['test-asked'], ['test-asked']] };
      if (node.type === 'ui-health') return { ...node, z, g: undefined, wires: [['test-asked'], ['test-asked']] };
      return node;
    });
  return [
    ...standInFlow(),
    ...pages,
    {
      id: 'test-asked',
      type: 'function',
      z,
      outputs: 2,
      func: [
        "global.set('asked', [...(global.get('asked') || []), { ...msg.payload, actor: msg._client && msg._client.user }]);",
        "const answer = (global.get('answers') || {})[msg.payload.command];",
        'if (answer === undefined) return null;',
        "const page = msg.topic.startsWith('health/') ? 1 : 0;",
        'if (answer.refuse) msg.error = answer.refuse; else msg.payload = answer;',
        'return page === 1 ? [null, msg] : [msg, null];',
      ].join('\n'),
      wires: [['production-page'], ['health-page']],
    },
    // Files of past stops come over HTTP; `import-preview` and `import` name their answers.
    ...['import-preview', 'import'].flatMap((command) => [
      {
        id: `test-${command}`,
        type: 'http in',
        z,
        url: command === 'import' ? '/api/repair/imports' : '/api/repair/imports/preview',
        method: 'post',
        wires: [[`test-${command}-answer`]],
      },
      {
        id: `test-${command}-answer`,
        type: 'function',
        z,
        outputs: 1,
        func: [
          `global.set('asked', [...(global.get('asked') || []), { command: '${command}', csv: msg.payload.toString(), ...msg.req.query }]);`,
          `msg.payload = { success: true, data: (global.get('answers') || {})['${command}'] };`,
          'return msg;',
        ].join('\n'),
        wires: [['test-import-reply']],
      },
    ]),
    { id: 'test-import-reply', type: 'http response', z, wires: [] },
    ...['production', 'health'].flatMap((page) => [
      {
        id: `test-post-${page}`,
        type: 'http in',
        z,
        url: `/test/view/${page}`,
        method: 'post',
        wires: [[`test-view-${page}`, 'test-done']],
      },
      {
        id: `test-view-${page}`,
        type: 'function',
        z,
        outputs: 1,
        func: `return { topic: '${page}/view', payload: msg.payload };`,
        wires: [[`${page}-page`]],
      },
    ]),
  ];
}
