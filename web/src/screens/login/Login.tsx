import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { ApiError, change, changePassword } from "@/api/client";
import { version } from "@/api/queries";
import { Trouble } from "@/parts/Answer";
import classes from "./Login.module.css";
import { ownPath } from "./next";

export function Login() {
  const { next } = useSearch({ from: "/login" });
  const after = ownPath(next, window.location.origin);
  const product = useQuery(version()).data;
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [newPassword, setNewPassword] = useState<string>();

  const login = useMutation({
    mutationFn: async () => {
      if (newPassword !== undefined) await changePassword(name, password, newPassword);
      await change("POST", "/auth/login", { username: name, password: newPassword ?? password });
    },
    onSuccess: async () => {
      queries.clear();
      await navigate({ href: after, replace: true });
    },
    onError: error => {
      // A password for one login: it is changed here.
      if (error instanceof ApiError && error.status === 403 && newPassword === undefined) setNewPassword("");
    },
  });
  const isFirst = newPassword !== undefined;
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    login.mutate();
  };
  return (
    <main className={classes.screen}>
      <form className={classes.form} onSubmit={onSubmit}>
        <div className={classes.brand}>
          <img src="/favicon.svg" alt="" width={40} height={40} />
          <h1>Signalbox</h1>
        </div>
        <TextInput
          label="Name"
          autoComplete="username"
          required
          withAsterisk={false}
          autoFocus
          value={name}
          onChange={event => setName(event.currentTarget.value)}
        />
        <PasswordInput
          label={isFirst ? "Password for the first login" : "Password"}
          autoComplete="current-password"
          required
          withAsterisk={false}
          value={password}
          onChange={event => setPassword(event.currentTarget.value)}
        />
        {isFirst && (
          <PasswordInput
            label="Your own password"
            description="This was a password for one login. Choose your own, of 15 characters or more."
            autoComplete="new-password"
            required
            withAsterisk={false}
            minLength={15}
            value={newPassword}
            onChange={event => setNewPassword(event.currentTarget.value)}
          />
        )}
        {login.error && !(isFirst && login.error instanceof ApiError && login.error.status === 403) && (
          <Trouble error={login.error} />
        )}
        <Button type="submit" fullWidth loading={login.isPending}>
          Log in
        </Button>
        {product?.has_single_sign_on && (
          <Button
            component="a"
            href={`/auth/login?next=${encodeURIComponent(after)}`}
            variant="default"
            fullWidth
          >
            Log in with single sign-on
          </Button>
        )}
        <p className={classes.hint}>
          No user yet? On the server: <code>signalbox users create NAME --role operator</code>
        </p>
      </form>
    </main>
  );
}
