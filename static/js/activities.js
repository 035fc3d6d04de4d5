// What a calendar or a Gantt chart asks for: a moved activity goes to the server, a pressed one opens in the dialog.
import htmx from "htmx.org/dist/htmx.esm.js";
import { complain } from "./toast.js";
import { send } from "./wire.js";

document.addEventListener("activity:put", async ({ detail: { id, values, revert } }) => {
  const answer = await send(`/tasks/${id}/dates/`, values);
  if (answer.ok) return;
  revert();
  complain(answer);
});

document.addEventListener("activity:open", ({ detail: { id } }) => {
  htmx.ajax("GET", `/tasks/${id}/`, { target: "#dialog", swap: "innerHTML" });
});
