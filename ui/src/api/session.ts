// Signing in and out, and what the server says about itself.
import { queryOptions } from "@tanstack/react-query";
import { bodyOf, client } from "./client";

export const configuration = queryOptions({
  queryKey: ["configuration"],
  queryFn: () => bodyOf(client.GET("/api/v1/configs")),
  refetchInterval: 15_000,
  retry: false,
});

export async function signIn(username: string, password: string): Promise<void> {
  await client.POST("/api/v1/login", { body: { username, password }, parseAs: "text" });
}

export async function signOut(): Promise<void> {
  await client.POST("/api/v1/logout", { parseAs: "text" });
}

/** The server sets this beside the cookie that scripts cannot read. */
const FLAG = "tiercelAuthenticated=true";

export const hasSignedIn = (): boolean => document.cookie.split("; ").includes(FLAG);
