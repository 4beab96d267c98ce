// The shipped dashboard flow with a stand-in for ledger and task clocks behind it, driven by the test over HTTP.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface FlowNode {
  readonly id: string;
  readonly type: string;
  readonly links?: readonly string[];
}

const flows = join(import.meta.dirname, '..', '..', '..', 'flows');
/** Of the flow `plant`: the base that every page stands on. */
const baseTypes = ['ui-base', 'ui-theme'];

function shipped(flow: string): readonly FlowNode[] {
  return JSON.parse(readFileSync(join(flows, flow), 'utf8')) as FlowNode[];
}

/** POST /test/board feeds the board; GET /test/commands lists what people asked for; answers come from POST /test/answers. */
export function standInFlow(): readonly object[] {
  const base = shipped('plant.json').filter(({ type }) => baseTypes.includes(type));
  const dashboard = [...base, ...shipped('dashboard.json')];
  const inputs = ['dashboard-board-in'];
  const own = dashboard.map((node) => {
    if (node.id === 'dashboard-board-in') return { ...node, links: ['test-to-board'] };
    if (node.id === 'dashboard-board-ledger' || node.id === 'dashboard-board-tasks') {
      return { ...node, links: ['test-from-board'] };
    }
    return { ...node, ...(node.links && { links: [] }) };
  });
  const z = 'test-tab';
  return [
    ...own,
    { id: z, type: 'tab', label: 'Test' },
    { id: 'test-to-board', type: 'link out', z, mode: 'link', links: inputs, wires: [] },
    {
      id: 'test-from-board',
      type: 'link in',
      z,
      links: ['dashboard-board-ledger', 'dashboard-board-tasks'],
      wires: [['test-ledger']],
    },
    {
      id: 'test-ledger',
      type: 'function',
      z,
      outputs: 1,
      func: [
        "const asked = global.get('asked') || [];",
        "global.set('asked', [...asked, { ...msg.payload, actor: msg._client && msg._client.user }]);",
        "const answer = (global.get('answers') || {})[msg.payload.command];",
        'if (answer === undefined) return null;',
        "if (msg.payload.command === 'history') {",
        "  const found = answer.data.filter((row) => (row.mo_id + row.finished_goods).toLowerCase().includes((msg.payload.search || '').toLowerCase()));",
        '  const { limit, offset } = msg.payload;',
        '  msg.payload = { data: found.slice(offset, offset + limit), total: found.length, limit, offset };',
        '} else msg.payload = answer;',
        'return msg;',
      ].join('\n'),
      wires: [['test-to-board']],
    },
    {
      id: 'test-post-board',
      type: 'http in',
      z,
      url: '/test/board',
      method: 'post',
      wires: [['test-news', 'test-done']],
    },
    {
      id: 'test-news',
      type: 'function',
      z,
      outputs: 1,
      func: 'return { payload: msg.payload.monitor, openBatches: msg.payload.open, topic: "batch/monitor" };',
      wires: [['test-to-board']],
    },
    { id: 'test-post-answers', type: 'http in', z, url: '/test/answers', method: 'post', wires: [['test-keep']] },
    {
      id: 'test-keep',
      type: 'function',
      z,
      outputs: 1,
      func: "global.set('answers', msg.payload); return msg;",
      wires: [['test-done']],
    },
    { id: 'test-get-commands', type: 'http in', z, url: '/test/commands', method: 'get', wires: [['test-list']] },
    {
      id: 'test-list',
      type: 'function',
      z,
      outputs: 1,
      func: "msg.payload = global.get('asked') || []; return msg;",
      wires: [['test-done']],
    },
    { id: 'test-done', type: 'http response', z, statusCode: '', wires: [] },
  ];
}
