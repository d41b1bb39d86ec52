import type { ComponentChildren, RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

interface Popup {
  isOpen: boolean;
  open(): void;
  /** Gives the focus back to the button unless it went elsewhere by itself. */
  close(): void;
  toggle(): void;
  root: RefObject<HTMLDivElement | null>;
  button: RefObject<HTMLButtonElement | null>;
}

/** Something that opens below a button and closes by Escape, by a click elsewhere, and when the focus leaves. */
export function usePopup(): Popup {
  const [isOpen, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const close = () => {
    if (root.current?.contains(document.activeElement)) button.current?.focus();
    setOpen(false);
  };

  useEffect(() => {
    if (!isOpen) return;
    const isOutside = (target: EventTarget | null) => !root.current?.contains(target as Node | null);
    const onPointer = (event: Event) => isOutside(event.target) && setOpen(false);
    const onFocus = (event: FocusEvent) =>
      event.relatedTarget && isOutside(event.relatedTarget) && setOpen(false);
    const onKey = (event: KeyboardEvent) => event.key === "Escape" && close();
    const element = root.current;
    document.addEventListener("pointerdown", onPointer);
    document.addEventListener("keydown", onKey);
    element?.addEventListener("focusout", onFocus);
    return () => {
      document.removeEventListener("pointerdown", onPointer);
      document.removeEventListener("keydown", onKey);
      element?.removeEventListener("focusout", onFocus);
    };
  }, [isOpen]);

  return {
    isOpen,
    open: () => setOpen(true),
    close,
    toggle: () => (isOpen ? close() : setOpen(true)),
    root,
    button,
  };
}

/** What opens; it moves to the other side where it would leave the window. */
export function PopoverBody({ class: className, children }: { class?: string; children: ComponentChildren }) {
  const body = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = body.current;
    if (!element) return;
    const { right } = element.getBoundingClientRect();
    if (right > document.documentElement.clientWidth - 8) element.dataset.side = "right";
  }, []);
  return (
    <div class={`popover ${className ?? ""}`} ref={body}>
      {children}
    </div>
  );
}
