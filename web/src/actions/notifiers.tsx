import { TagsInput } from "@mantine/core";
import { useState } from "react";
import { testNotifier } from "@/api/operations";
import type { Notifier, NotifierTest } from "@/api/operationTypes";
import { ForOperators, useSeesAll } from "@/app/session";
import { Act } from "@/parts/Act";

/** Sends a message now; what came back is told to `onAnswer`. */
export function TestNotifier({ of, onAnswer }: { of: Notifier; onAnswer: (answer: NotifierTest) => void }) {
  const seesAll = useSeesAll();
  const [emails, setEmails] = useState<string[]>([]);
  if (!seesAll) return null;
  return (
    <ForOperators>
      <Act
        change={{
          label: "Test",
          title: `Test ${of.name}`,
          what: `One message is sent by ${of.type} now, to whoever reads there. What comes back is shown.`,
          options: of.type === "smtp" && (
            <TagsInput
              label="To"
              description="Other addresses than those of the file."
              value={emails}
              onChange={setEmails}
            />
          ),
          run: async () => onAnswer(await testNotifier(of.name, emails)),
          done: `${of.name} was tested.`,
        }}
      />
    </ForOperators>
  );
}
