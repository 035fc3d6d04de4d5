// Activities on a calendar, on a Gantt chart, and as the hours of one day. It draws; asking the server is the page's other bundle's work.
import { createCalendar, DayGrid, Interaction, List, ResourceTimeline, TimeGrid } from "@event-calendar/core";

const root = document.getElementById("calendar");
const phone = matchMedia("(max-width: 720px)").matches;
const bars = "bars" in root.dataset;
const hours = "hours" in root.dataset;
const say = (name, detail) => document.dispatchEvent(new CustomEvent(`activity:${name}`, { detail }));
const two = (n) => String(n).padStart(2, "0");
const dateOf = (d) => `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
const hourOf = (d) => `${two(d.getHours())}:${two(d.getMinutes())}`;
const dayBefore = (d) => new Date(d.getFullYear(), d.getMonth(), d.getDate() - 1);

const TODAY = ".ec-header .ec-today";
let stands = "";

async function load({ startStr, endStr }) {
  const url = new URL(root.dataset.events, location.href);
  url.searchParams.set("start", startStr);
  url.searchParams.set("end", endStr);
  const answer = await fetch(url, { headers: { "HX-Request": "true" } });
  if (!answer.ok) throw new Error(String(answer.status));
  const { events, rows, off } = await answer.json();
  calendar.setOption("highlightedDates", off);
  if (bars) calendar.setOption("resources", rows);
  if (bars && stands !== startStr + endStr) requestAnimationFrame(() => root.querySelector(TODAY) && toToday());
  stands = startStr + endStr;
  root.toggleAttribute("data-empty", !events.length);
  return events;
}

// A bar ends the midnight after its day; its hour, if it has one, stays.
function put({ event, oldEvent, revert }) {
  const { time } = event.extendedProps;
  if (bars && oldEvent.resourceIds[0] !== event.resourceIds[0]) return revert();
  const values = bars
    ? { day: dateOf(dayBefore(event.end)), time: time ?? "" }
    : { day: dateOf(event.start), time: event.allDay ? "" : hourOf(event.start) };
  say("put", { id: event.id, values, revert });
}

function resize(info) {
  if (bars) return put(info);
  const { event, revert } = info;
  const minutes = Math.round((event.end - event.start) / 60000);
  say("put", { id: event.id, values: { day: dateOf(event.start), time: hourOf(event.start), duration: minutes }, revert });
}

function content({ event, timeText }) {
  const part = (name, text) => {
    const span = document.createElement("span");
    span.className = `ev__${name}`;
    span.textContent = text;
    return span;
  };
  const { card, who, time } = event.extendedProps;
  const hour = bars ? time : event.allDay || hours ? null : timeText;
  return { domNodes: [...(hour ? [part("time", hour)] : []), part("title", event.title), ...(bars ? [] : [part("card", card)]), ...(who && !hours ? [part("who", who)] : [])] };
}

// Months are as short as everywhere else, and a year needs no «г.».
const brief = new Intl.DateTimeFormat(document.documentElement.lang, { day: "numeric", month: "short", year: "numeric" });
const span = (start, end) =>
  brief.formatRangeToParts(start, end).map(({ type, value }) => (type === "month" ? value.slice(0, 3) : value.replace(" г.", ""))).join("");

// A chart is wider than its window: today stands a third of the way in.
function toToday() {
  const main = root.querySelector(".ec-main");
  const head = main.querySelector(TODAY);
  if (!head) return calendar.gotoDate(root.dataset.today);
  const side = main.querySelector(".ec-sidebar").offsetWidth;
  main.scrollLeft += head.getBoundingClientRect().left - main.getBoundingClientRect().left - side - (main.clientWidth - side) / 3;
}

const words = JSON.parse(root.dataset.words);
const button = (text) => ({ ...text, ...words });
const calendar = createCalendar(root, bars ? [ResourceTimeline, Interaction] : [DayGrid, TimeGrid, List, Interaction], {
  view: bars ? "resourceTimelineMonth" : hours ? "timeGridDay" : phone ? "listWeek" : "timeGridWeek",
  headerToolbar: hours ? { start: "", center: "", end: "" } : {
    start: "title",
    center: "",
    end: bars ? "now prev,next resourceTimelineMonth,resourceTimelineYear" : `today prev,next ${phone ? "listWeek,timeGridDay" : "dayGridMonth,timeGridWeek,timeGridDay"}`,
  },
  buttonText: button,
  customButtons: { now: { text: words.today, click: toToday } },
  // A chart draws each of its days: a year of them stops a browser for half a minute.
  views: {
    timeGridWeek: { titleFormat: span }, listWeek: { titleFormat: span },
    resourceTimelineYear: { duration: { months: 3 }, titleFormat: span },
  },
  locale: document.documentElement.lang,
  firstDay: 1,
  height: hours ? "auto" : "100%",
  allDaySlot: !hours,
  date: root.dataset.today,
  timeZone: root.dataset.zone, // the company's, wherever the browser is
  editable: true,
  pointer: true,
  nowIndicator: true,
  dayMaxEvents: true,
  displayEventEnd: false,
  slotEventOverlap: false,
  flexibleSlotTimeLimits: true,
  slotMinTime: root.dataset.from ?? "08:00",
  slotMaxTime: hours ? `${root.dataset.until.slice(0, 3)}30` : "20:00", // the last hour has its name, too
  slotWidth: 44,
  lazyFetching: false,
  allDayContent: words.allDay,
  noEventsContent: words.none,
  moreLinkContent: ({ num }) => `${words.more} ${num}`,
  eventTimeFormat: { hour: "2-digit", minute: "2-digit" },
  eventSources: [{ events: load }],
  eventContent: content,
  eventDidMount: ({ event, el }) => (el.title = [event.title, event.extendedProps.card].filter(Boolean).join(" · ")),
  eventClick: ({ event }) => say("open", { id: event.id }),
  eventDrop: put,
  eventResize: resize,
});

document.body.addEventListener("card-changed", () => calendar.refetchEvents());
document.addEventListener("live:card", ({ detail }) => detail.step && calendar.refetchEvents());
