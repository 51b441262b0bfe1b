// Money, times and names, as text.

/** An amount in US dollars, to the cent or as much finer as it is. */
export const dollars = (amount) => `$${amount.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 4 })}`;

/** What a run of a model costs, as far as that is known. */
export const price = (model) => (model.price === null ? "price unknown" : `${dollars(model.price)} a run`);

/** What a task was charged, and whether that was made up or given back. */
export function charge(task) {
  const amount = dollars(task.charged) + (task.charge_is_made_up ? " (made up)" : "");
  return task.refunded ? `${amount}, refunded` : amount;
}

/** A length of time. */
export function duration(seconds) {
  if (seconds < 120) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 120 ? `${minutes} min ${Math.round(seconds % 60)} s` : `${(minutes / 60).toFixed(1)} h`;
}

/** A time of day, with the date where that is another day. */
export function clockTime(text) {
  const time = new Date(text);
  const today = time.toDateString() === new Date().toDateString();
  return today ? time.toLocaleTimeString() : time.toLocaleString();
}

/** A number of things: `1 task`, `3 tasks`. */
export const count = (number, one, many = `${one}s`) => `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
