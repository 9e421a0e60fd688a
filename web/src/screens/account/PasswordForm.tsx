import { Button, PasswordInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiError, change, changePassword } from "@/api/client";
import { Trouble } from "@/parts/Answer";
import { Soft } from "@/parts/Filters";
import { say } from "@/parts/said";
import classes from "./Account.module.css";

const LEAST = 15; // characters, as the server wants

export function PasswordForm({ name }: { name: string }) {
  const [old, setOld] = useState("");
  const [chosen, setChosen] = useState("");
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: async () => {
      try {
        await changePassword(name, old, chosen);
      } catch (error) {
        // A mistake in typing is no session that is over.
        if (error instanceof ApiError && error.status === 401) throw new ApiError(400, error.message);
        throw error;
      }
      // All sessions have ended with the old password, this one among them.
      await change("POST", "/auth/login", { username: name, password: chosen });
    },
    onSuccess: () => {
      setOld("");
      setChosen("");
      say("Your password is changed. Your other sessions have ended.");
      return queries.invalidateQueries();
    },
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form className={classes.form} onSubmit={onSubmit}>
      <Soft>Who logs in by single sign-on changes it at the provider.</Soft>
      <input type="text" autoComplete="username" value={name} readOnly hidden />
      <PasswordInput
        label="The password that you have"
        autoComplete="current-password"
        required
        withAsterisk={false}
        value={old}
        onChange={event => setOld(event.currentTarget.value)}
      />
      <PasswordInput
        label="The new one"
        description={`${LEAST} characters or more.`}
        autoComplete="new-password"
        required
        withAsterisk={false}
        minLength={LEAST}
        value={chosen}
        onChange={event => setChosen(event.currentTarget.value)}
      />
      {save.error && <Trouble error={save.error} />}
      <Button type="submit" loading={save.isPending}>
        Change the password
      </Button>
    </form>
  );
}
