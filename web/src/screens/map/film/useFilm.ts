// The film that runs on the map: which moment is shown, and how it goes on.

import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Estate } from "@/api/types";
import { useNow, worldNow } from "@/time/clock";
import { type Scene, sceneAt } from "./at";
import { coming, past } from "./reading";

const TICK_MS = 100;
const SETTLE_MS = 400; // before the address has the moment
const FIRST = 24 * 3600_000; // the film begins a day ago

const MINUTE = 60_000;
/** World time in a second. */
export const SPEEDS = [
  { value: String(10 * MINUTE), label: "10 min/s" },
  { value: String(60 * MINUTE), label: "1 h/s" },
  { value: String(6 * 60 * MINUTE), label: "6 h/s" },
];

export type Time = "live" | "past" | "forecast";

export function useFilm(live: Estate) {
  const { at: asked } = useSearch({ from: "/shell/" });
  const navigate = useNavigate({ from: "/" });
  const isOpen = asked !== undefined;
  const now = useNow();
  const [moment, show] = useState(() => Date.parse(asked ?? "") || now);
  const [isPlaying, setPlaying] = useState(false);
  const [speed, setSpeed] = useState(SPEEDS[1]?.value ?? "");
  const before = useQuery({ ...past(live), enabled: isOpen });
  const after = useQuery({ ...coming(live), enabled: isOpen });
  const isForecast = moment > (before.data?.to ?? now);
  const film = isForecast ? after.data : before.data;

  const goTo = useCallback(
    (at: number) => navigate({ search: old => ({ ...old, at: new Date(at).toISOString() }), replace: true }),
    [navigate],
  );
  const open = useCallback(() => {
    const at = worldNow() - FIRST;
    show(at);
    goTo(at);
  }, [goTo]);
  const close = useCallback(() => {
    setPlaying(false);
    navigate({ search: ({ at: _, ...rest }: { at?: string }) => rest, replace: true });
  }, [navigate]);
  const toggle = useCallback(() => setPlaying(old => !old), []);

  const end = after.data?.to ?? before.data?.to ?? now;
  useEffect(() => {
    if (!isPlaying || !isOpen) return;
    const step = (Number(speed) * TICK_MS) / 1000;
    const timer = window.setInterval(() => show(old => Math.min(end, old + step)), TICK_MS);
    return () => window.clearInterval(timer);
  }, [isPlaying, isOpen, speed, end]);
  useEffect(() => {
    if (isPlaying && moment >= end) setPlaying(false);
  }, [isPlaying, moment, end]);

  // The address follows when the moment rests.
  useEffect(() => {
    if (!isOpen || isPlaying || Date.parse(asked) === moment) return;
    const timer = window.setTimeout(() => goTo(moment), SETTLE_MS);
    return () => window.clearTimeout(timer);
  }, [moment, asked, isOpen, isPlaying, goTo]);

  const latest = useRef<Scene>(undefined);
  const scene = useMemo(
    () => (isOpen && film ? sceneAt(film, live, moment, latest.current) : undefined),
    [isOpen, film, live, moment],
  );
  useEffect(() => {
    latest.current = scene;
  }, [scene]);
  const time: Time = !isOpen ? "live" : isForecast ? "forecast" : "past";
  const at = isOpen ? moment : now;
  return {
    isOpen,
    time,
    at,
    now,
    isPlaying,
    speed,
    setSpeed,
    show,
    open,
    close,
    toggle,
    before,
    after,
    scene,
  };
}

export type FilmState = ReturnType<typeof useFilm>;
