// The flows of the test plant: pages for different roles, a core widget and one of a package on each, and two HTTP routes.

const page = (id: string, path: string) => ({
  id: `page-${id}`,
  type: 'ui-page',
  name: `Page ${id}`,
  ui: 'base',
  path: `/${path}`,
  icon: 'home',
  layout: 'grid',
  theme: 'theme',
  order: 1,
  className: '',
  visible: true,
  disabled: false,
});

const onPage = (id: string) => [
  { id: `group-${id}`, type: 'ui-group', name: id, page: `page-${id}`, width: 6, height: 1, order: 1, showTitle: true },
  {
    id: `text-${id}`,
    type: 'ui-text',
    z: 'tab',
    group: `group-${id}`,
    name: id,
    label: id,
    format: '{{msg.payload}}',
    wires: [],
  },
  {
    id: `button-${id}`,
    type: 'ui-button',
    z: 'tab',
    group: `group-${id}`,
    name: id,
    label: id,
    payload: 'pressed',
    payloadType: 'str',
    wires: [[`probe-${id}`]],
  },
  { id: `widget-${id}`, type: 'test-widget', z: 'tab', group: `group-${id}`, name: id, wires: [[`command-${id}`]] },
  { id: `probe-${id}`, type: 'test-probe', z: 'tab', wires: [] },
  { id: `command-${id}`, type: 'test-probe', z: 'tab', action: 'batch.retry', wires: [] },
];

/** Pages: `batches` and `users` of the package, `stage` that the settings declare, `nowhere` that nobody declares. */
export const plantPages = ['batches', 'users', 'stage', 'nowhere'] as const;

export const plantFlows: readonly object[] = [
  { id: 'tab', type: 'tab', label: 'test' },
  {
    id: 'base',
    type: 'ui-base',
    name: 'Plant',
    path: '/dashboard',
    appIcon: '',
    includeClientData: true,
    acceptsClientConfig: ['ui-notification', 'ui-control'],
    allowInstall: false,
    navigationStyle: 'default',
  },
  { id: 'theme', type: 'ui-theme', name: 'Grey', colors: {}, sizes: {} },
  ...plantPages.map((id) => page(id, id)),
  ...plantPages.flatMap(onPage),
  { id: 'events', type: 'ui-event', z: 'tab', ui: 'base', name: '', wires: [['probe-events']] },
  { id: 'probe-events', type: 'test-probe', z: 'tab', wires: [] },
  // One route feeds the widgets of all pages, as live data does.
  { id: 'feed', type: 'http in', z: 'tab', url: '/feed', method: 'post', wires: [['feed-fork', 'feed-reply']] },
  {
    id: 'feed-fork',
    type: 'change',
    z: 'tab',
    rules: [
      { t: 'delete', p: 'req', pt: 'msg' },
      { t: 'delete', p: 'res', pt: 'msg' },
    ],
    wires: [plantPages.map((id) => `text-${id}`)],
  },
  { id: 'feed-reply', type: 'http response', z: 'tab', statusCode: '204', wires: [] },
  { id: 'whoami', type: 'http in', z: 'tab', url: '/whoami', method: 'get', wires: [['probe-http', 'whoami-reply']] },
  { id: 'act', type: 'http in', z: 'tab', url: '/act', method: 'post', wires: [['probe-http', 'whoami-reply']] },
  { id: 'probe-http', type: 'test-probe', z: 'tab', action: 'batch.retry', wires: [] },
  { id: 'whoami-reply', type: 'http response', z: 'tab', statusCode: '204', wires: [] },
  { id: 'closed', type: 'http in', z: 'tab', url: '/closed', method: 'get', wires: [['door']] },
  { id: 'door', type: 'http-access', z: 'tab', action: 'batch.retry', wires: [['whoami-reply'], ['refusal']] },
  { id: 'refusal', type: 'http response', z: 'tab', wires: [] },
];
