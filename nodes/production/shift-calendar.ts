// Node shift-calendar: the shifts of the plant's machines, for every node that counts or judges by shift.
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { asError, ShopfloorError } from '../core/errors.ts';
import { errorReply } from '../core/http-envelope.ts';
import type { ShiftCalendar, ShiftCalendarNode } from './calendar-contract.ts';
import { calendarPreview } from './calendar-preview.ts';
import { type CalendarProperties, parseCalendarSettings } from './calendar-settings.ts';
import { WallCalendar } from './wall-calendar.ts';

export default function (RED: NodeAPI): void {
  function ShiftCalendarConfig(this: Node & Partial<ShiftCalendarNode>, config: NodeDef & CalendarProperties) {
    RED.nodes.createNode(this, config);
    const calendar = calendarOf(config);
    if (calendar instanceof ShopfloorError) {
      this.error(calendar.message);
      this.status({ fill: 'red', shape: 'ring', text: RED._('shift-calendar.status.settings') });
    }
    this.calendar = () => {
      if (calendar instanceof ShopfloorError) throw calendar;
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

function calendarOf(config: CalendarProperties): ShiftCalendar | ShopfloorError {
  try {
    return new WallCalendar(parseCalendarSettings(config));
  } catch (thrown) {
    const fields = thrown instanceof ShopfloorError ? thrown.fields : [];
    return new ShopfloorError('settings-wrong', 503, asError(thrown).message, { fields });
  }
}
