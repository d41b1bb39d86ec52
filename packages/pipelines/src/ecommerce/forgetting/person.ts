/** Somebody who is to be forgotten. */
export interface Person {
  customers: readonly ForgottenCustomer[];
  /** Lower case, trimmed, as the rule for customers compares them: what these customers ever had. */
  emails: readonly string[];
  /** First and last names that they ever had. */
  names: readonly string[];
}

export interface ForgottenCustomer {
  /** Trimmed. */
  id: string;
  /** What takes the id's place, so that orders still find the customer's country. */
  pseudonym: string;
}

/** How an e-mail address is compared (contract: e-commerce, section 2). */
export const comparableEmail = (email: string): string => email.trim().toLowerCase();
