// Node shift-calendar: the shifts of the plant's machines, for every node that counts or judges by shift.
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { SettingsRefused } from '../core/errors.ts';
import { errorReply } from '../core/http-envelope.ts';
import { settingsOrRefusal } from '../core/refused-settings.ts';
import type { ShiftCalendarNode } from './calendar-contract.ts';
import { calendarPreview } from './calendar-preview.ts';
import { type CalendarProperties, parseCalendarSettings } from './calendar-settings.ts';
import { WallCalendar } from './wall-calendar.ts';

export default function (RED: NodeAPI): void {
  function ShiftCalendarConfig(this: Node & Partial<ShiftCalendarNode>, config: NodeDef & CalendarProperties) {
    RED.nodes.createNode(this, config);
    const calendar = settingsOrRefusal(this, () => new WallCalendar(parseCalendarSettings(config)));
    this.calendar = () => {
      if (calendar instanceof SettingsRefused) throw calendar;
      return calendar;
    };
  }
  RED.nodes.registerType('shift-calendar', ShiftCalendarConfig);

  RED.httpAdmin.post(
    '/shopfloor/shift-calendar/preview',
    RED.auth.needsPermission('shift-calendar.read'),
    (request, response) => {
      try {
        response.json(calendarPreview(request.body, Date.now()));
      } catch (error) {
        const { statusCode, payload } = errorReply(error);
        response.status(statusCode).json(payload);
      }
    },
  );
}
