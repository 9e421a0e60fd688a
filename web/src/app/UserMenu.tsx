import { Button, Menu } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { endSession } from "@/api/client";
import { version } from "@/api/queries";
import { useMe } from "./session";

export function UserMenu({ onHelp }: { onHelp: () => void }) {
  const me = useMe();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const product = useQuery(version()).data;
  const logout = useMutation({
    mutationFn: endSession,
    onSuccess: async providersUrl => {
      if (providersUrl) {
        window.location.assign(providersUrl);
        return;
      }
      await navigate({ to: "/login" });
      queries.clear();
    },
  });
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <Button variant="subtle" color="gray" size="compact-sm" c="inherit">
          {me.name}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {me.role} of {me.deployment}
        </Menu.Label>
        <Menu.Item onClick={() => navigate({ to: "/account" })}>Your account</Menu.Item>
        <Menu.Item onClick={onHelp}>Keys</Menu.Item>
        <Menu.Item onClick={() => logout.mutate()}>Log out</Menu.Item>
        <Menu.Label>Signalbox {product?.version}</Menu.Label>
      </Menu.Dropdown>
    </Menu>
  );
}
