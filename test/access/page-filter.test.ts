import assert from 'node:assert/strict';
import type { Role, UserIdentity } from '../../nodes/access/messages.ts';
import { PageFilter } from '../../nodes/access/page-filter.ts';
import { declareSocketEvent, declareWidget } from '../../nodes/access/widget-policy.ts';

const user = (role: Role): UserIdentity => ({
  id: role,
  login: role,
  name: role,
  roles: [role],
  departments: [],
  machines: [],
  language: 'id',
});

const config = {
  meta: { anything: true },
  dashboards: { base: { includeClientData: true } },
  pages: {
    seen: { type: 'ui-page', path: '/batches' },
    hidden: { type: 'ui-page', path: '/users' },
    undeclared: { type: 'ui-page', path: '/nowhere' },
    odd: { type: 'ui-page', path: '/Batches' },
    manual: { type: 'ui-link', path: 'https://wiki.example' },
  },
  groups: { a: { page: 'seen' }, b: { page: 'hidden' }, c: { page: 'undeclared' }, d: {} },
  widgets: {
    text: { type: 'ui-text', props: { group: 'a' } },
    board: { type: 'filter-board', props: { group: 'a' } },
    secret: { type: 'ui-text', props: { group: 'b' } },
    lost: { type: 'ui-text', props: { group: 'gone' } },
    css: { type: 'ui-template', props: { group: '', page: 'hidden' } },
    bar: { type: 'filter-bar', props: { ui: 'base' } },
    control: { type: 'ui-control', props: { ui: 'base' } },
    'ui-board-2': { type: 'ui-text', props: { group: 'b' } },
  },
};

const filterOf = (role: Role) => {
  const filter = new PageFilter(user(role));
  return { filter, seen: filter.filterConfig(config) };
};

describe('what a dashboard socket may see', () => {
  declareWidget('filter-board', { history: 'history.read', retry: 'batch.retry' });
  declareWidget('filter-bar', {});

  it('keeps the pages of its user with their groups and widgets, and what is of the whole dashboard', () => {
    const { seen } = filterOf('qc');
    assert.deepEqual(Object.keys(seen.pages), ['seen', 'manual']);
    assert.deepEqual(Object.keys(seen.groups), ['a']);
    assert.deepEqual(Object.keys(seen.widgets), ['text', 'board', 'bar', 'control']);
    assert.deepEqual(seen.meta, { anything: true });
  });

  it('takes nothing from the configuration that others get', () => {
    const before = JSON.stringify(config);
    filterOf('display');
    assert.equal(JSON.stringify(config), before);
  });

  for (const kind of ['msg-input', 'widget-load', 'widget-sync', 'ui-control', 'anything-new']) {
    it(`lets ${kind} out for its widgets only`, () => {
      const { filter } = filterOf('qc');
      assert.equal(filter.passes(`${kind}:text`), true);
      for (const id of ['secret', 'css', 'lost', 'ui-board-2', 'unknown', '', 'text ']) {
        assert.equal(filter.passes(`${kind}:${id}`), false, id);
      }
    });
  }

  it('lets nothing out before it knows the configuration, and nothing that names no widget', () => {
    const filter = new PageFilter(user('admin'));
    assert.equal(filter.passes('msg-input:text'), false);
    assert.equal(filterOf('admin').filter.passes('refresh'), false);
    assert.equal(filterOf('admin').filter.passes(':text'), false);
  });

  it('forgets what a new configuration takes away', () => {
    const { filter } = filterOf('qc');
    assert.equal(filter.passes('msg-input:text'), true);
    filter.filterConfig({ ...config, pages: {} });
    assert.equal(filter.passes('msg-input:text'), false);
    assert.deepEqual(filter.judge('widget-load', ['text']), { kind: 'refused' });
  });
});

describe('what a dashboard socket may send', () => {
  const judge = (role: Role, event: string, ...args: unknown[]) => {
    const verdict = filterOf(role).filter.judge(event, args);
    return verdict.kind === 'needs' ? verdict.action : verdict.kind;
  };

  for (const event of ['widget-action', 'widget-change', 'widget-send']) {
    it(`${event} needs what the widget says its command is`, () => {
      assert.equal(judge('qc', event, 'board', { payload: { command: 'retry' } }), 'batch.retry');
      assert.equal(judge('qc', event, 'board', { payload: { command: 'history' } }), 'history.read');
      assert.equal(judge('qc', event, 'text', { payload: 'anything' }), 'widget.act');
    });

    it(`${event} is refused with a command that the widget does not have, and for widgets out of sight`, () => {
      for (const message of [
        { payload: { command: 'drop' } },
        { payload: { command: ['retry'] } },
        { payload: { command: 'constructor' } },
        { command: 'retry' },
        'retry',
        null,
        undefined,
        [{ payload: { command: 'retry' } }],
      ]) {
        assert.equal(judge('qc', event, 'board', message), 'refused', JSON.stringify(message));
      }
      assert.equal(judge('qc', event, 'bar', { payload: { command: 'retry' } }), 'refused');
      for (const id of ['secret', 'unknown', 7, null, ['text']]) assert.equal(judge('qc', event, id, {}), 'refused');
    });
  }

  it('may load its own widgets and what the page itself makes up, not what only looks like it', () => {
    assert.equal(judge('qc', 'widget-load', 'text'), 'allowed');
    assert.equal(judge('qc', 'widget-load', 'secret'), 'refused');
    assert.equal(judge('qc', 'widget-load', 'ui-connection-alert'), 'allowed');
    assert.equal(judge('qc', 'widget-load', 'ui-board-2'), 'refused');
  });

  it('tells of pages that open, and needs a right to tell more', () => {
    assert.equal(judge('display', 'ui-event', 'all', { topic: '$pageview' }), 'allowed');
    assert.equal(judge('display', 'ui-event', 'all', { topic: 'go' }), 'widget.act');
    assert.equal(judge('display', 'ui-control', 'control', 'change', {}), 'allowed');
    assert.equal(judge('display', 'ui-control', 'secret', 'change', {}), 'refused');
  });

  it('sends no raw event where messages would not name their client', () => {
    const filter = new PageFilter(user('admin'));
    filter.filterConfig({ ...config, dashboards: { base: { includeClientData: false } } });
    assert.deepEqual(filter.judge('ui-event', ['all', { topic: '$pageview' }]), { kind: 'refused' });
  });

  it('sends an event of a widget of its own only once that is declared', () => {
    assert.equal(judge('admin', 'own-event', 'text'), 'refused');
    declareSocketEvent('own-event', 'batch.retry');
    assert.equal(judge('admin', 'own-event', 'text'), 'batch.retry');
  });
});
