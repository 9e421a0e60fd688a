import { change, part } from "@/api/client";
import { ForOperators } from "@/app/session";
import { Act } from "@/parts/Act";

export function TerminateCluster({ id, work }: { id: string; work: string | null }) {
  return (
    <ForOperators>
      <Act
        change={{
          label: "Terminate",
          title: `Terminate ${id}`,
          what: work
            ? `The cluster works on ${work}. That try fails as ended by you; whether another follows is up to the job's retries.`
            : "No job claims this cluster.",
          isDangerous: true,
          run: () => change("POST", `/clusters/${part(id)}/terminate`),
          done: `${id} is being terminated.`,
        }}
      />
    </ForOperators>
  );
}
