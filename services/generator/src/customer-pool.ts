import type { Customer } from "./people.ts";
import type { Random } from "./random.ts";

/** Beyond this many, new customers take the places of the oldest, so that a service may run for months. */
const MAX_CUSTOMERS = 200_000;

/** The customers that order, click and come back. */
export class CustomerPool {
  private customers: Customer[] = [];
  private oldest = 0;

  get size(): number {
    return this.customers.length;
  }

  add(customer: Customer): void {
    if (this.customers.length < MAX_CUSTOMERS) {
      this.customers.push(customer);
      return;
    }
    this.customers[this.oldest] = customer;
    this.oldest = (this.oldest + 1) % MAX_CUSTOMERS;
  }

  /** Any customer, each as likely. The pool must not be empty. */
  any(random: Random): Customer {
    return random.pick(this.customers);
  }

  /** A customer who does something: half of the time any, half of the time rather a regular. */
  active(random: Random): Customer {
    if (random.chance(0.5)) return this.any(random);
    const position = random.next();
    return this.customers[Math.floor(position * position * this.customers.length)]!;
  }

  remove(ids: ReadonlySet<string>): void {
    this.customers = this.customers.filter(({ id }) => !ids.has(id));
    this.oldest = 0;
  }
}
