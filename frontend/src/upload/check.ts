// Asks the server, before a byte is sent, which paths exist and which are half there.

import type { ChosenFile } from "./collect.ts";

export interface ExistingFile {
  path: string;
  size: number;
  sha256: string;
}

export interface UnfinishedFile {
  path: string;
  upload_url: string;
  offset: number;
  length: number;
}

export interface CheckAnswer {
  existing: Map<string, ExistingFile>;
  unfinished: Map<string, UnfinishedFile>;
}

export const pathsPerQuestion = 1000;

type Ask = (url: string, options: RequestInit) => Promise<Response>;

const longestWaitMilliseconds = 30_000;

/** Asks until the network answers; `waiting` hears that it does not. */
export function askPatiently(waiting: () => void): Ask {
  return async (url, options) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await fetch(url, options);
      } catch {
        waiting();
        await new Promise((resolve) => setTimeout(resolve, Math.min(longestWaitMilliseconds, 500 * 2 ** attempt)));
      }
    }
  };
}

export async function checkPaths(url: string, chosen: ChosenFile[], headers: Record<string, string>, ask: Ask): Promise<CheckAnswer> {
  const answer: CheckAnswer = { existing: new Map(), unfinished: new Map() };
  for (let start = 0; start < chosen.length; start += pathsPerQuestion) {
    const paths = chosen.slice(start, start + pathsPerQuestion).map(({ path, file }) => ({ path, size: file.size }));
    const response = await ask(url, { method: "POST", headers: { "Content-Type": "application/json", ...headers }, body: JSON.stringify({ paths }) });
    if (!response.ok) throw new Error(await reasonIn(response));
    const page = (await response.json()) as { existing?: ExistingFile[]; unfinished?: UnfinishedFile[] };
    for (const existing of page.existing ?? []) answer.existing.set(existing.path, existing);
    for (const unfinished of page.unfinished ?? []) answer.unfinished.set(unfinished.path, unfinished);
  }
  return answer;
}

/** The words of a problem document, or the bare status. */
export async function reasonIn(response: Response): Promise<string> {
  return reasonInText(await response.text().catch(() => ""), response.status);
}

export function reasonInText(body: string, status: number): string {
  try {
    const problem = JSON.parse(body) as { title?: string; detail?: string; hint?: string };
    const said = [problem.detail ?? problem.title, problem.hint].filter(Boolean).join(" ");
    if (said) return said;
  } catch {
    // Not JSON: short plain text is shown as it is.
    if (body && body.length < 300 && !body.includes("<")) return body.trim();
  }
  return `HTTP ${status}`;
}
