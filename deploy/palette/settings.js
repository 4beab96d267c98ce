// Example of Node-RED's own settings.js with Shopfloor's accounts: copy it over ~/.node-red/settings.js, or take over the marked parts.
const path = require('node:path');
const { keepHomePrivate, shopfloorAccess } = require('@shopfloor/node-red-dashboard-2-shopfloor');

keepHomePrivate(__dirname); // database, sessions and flows are nobody else's to read on this machine

// This file lies in the user directory, and so do the plant's database and its files.
const access = shopfloorAccess({
  databaseUrl: `sqlite:${path.join(__dirname, 'shopfloor.sqlite')}`, // every store node with an empty address takes it, too
  attachments: { folder: path.join(__dirname, 'attachments') }, // photos and documents; without it no request may carry files
  timeZone: 'Asia/Jakarta',
  // trustedProxies: ['127.0.0.1'], // reverse proxies whose X-Forwarded-* headers are believed
  // editor: false, // nobody gets into the editor while the plant runs
  // apiToken: 'at-least-16-characters', // a first machine token with full rights, for scripts
  // uploads: [{ path: '/scans', mostBytes: 5_000_000 }], // routes of your own flows that take files
  // pages: { 'my-page': ['supervisor', 'operator:sewing'] }, // your own ui-pages by path; one that is not named is seen by nobody
});

module.exports = {
  ...access, // login for routes, dashboard and editor
  flowFile: 'flows.json',
  flowFilePretty: true,
  uiPort: process.env.PORT || 1880,
  apiMaxLength: '5mb',
  editorTheme: { tours: false },
};
