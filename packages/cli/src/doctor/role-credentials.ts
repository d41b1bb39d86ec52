import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { IngotError, messageOf, type Role } from "@ingot/common";
import type { CredentialSource } from "./credentials.ts";
import { type Finding, failed, warning } from "./finding.ts";

/** The credentials of a role, or what is wrong with their files. */
export type RoleCredentials =
  | { keys: { accessKeyId: string; secretAccessKey: string }; source: CredentialSource }
  | { problem: Finding };

/** @throws IngotError `usage` where there is no such folder */
export function checkFolder(folder: string): void {
  if (existsSync(folder)) return;
  throw new IngotError(
    "usage",
    `--credentials is "${folder}", which does not exist. Name the folder that \`ingot credentials <folder>\` filled.`,
  );
}

/** Reads FOLDER/<role>/access_key and FOLDER/<role>/secret_key. */
export function readRoleCredentials(folder: string, role: Role): RoleCredentials {
  const accessKey = path.join(folder, role, "access_key");
  const secretKey = path.join(folder, role, "secret_key");
  if (!existsSync(path.join(folder, role))) {
    const detail = `There are no credentials of the ${role} in ${folder}.`;
    const remedy = `Run ingot credentials ${folder}, then make its user on the store. Fine where no ${role} runs.`;
    return { problem: warning("credentials", role, detail, remedy) };
  }
  try {
    const [accessKeyId, secretAccessKey] = [read(accessKey), read(secretKey)];
    return {
      keys: { accessKeyId, secretAccessKey },
      source: { subject: role, names: { accessKey, secretKey } },
    };
  } catch (error) {
    const remedy = `Run ingot credentials ${folder}, or give the user that runs the doctor the right to read the file.`;
    return { problem: failed("credentials", role, messageOf(error), remedy) };
  }
}

function read(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, "utf8").trim();
  } catch (cause) {
    throw new Error(`${file} cannot be read: ${(cause as NodeJS.ErrnoException).code}.`, { cause });
  }
  if (text === "") throw new Error(`${file} is empty.`);
  return text;
}
