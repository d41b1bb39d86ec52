import { useEffect, useRef } from "preact/hooks";
import { Icon, type IconName } from "./icons.tsx";
import { PopoverBody, usePopup } from "./popover.tsx";

export interface MenuLink {
  text: string;
  href: string;
  /** The file's name for a download. */
  download?: string;
}

/** A button with a menu of links, for the keyboard as ARIA's menu button. */
export function Menu({ label, icon, links }: { label: string; icon: IconName; links: MenuLink[] }) {
  const popup = usePopup();
  return (
    <div class="popup" ref={popup.root}>
      <button
        type="button"
        class="icon-button"
        ref={popup.button}
        aria-haspopup="menu"
        aria-expanded={popup.isOpen}
        aria-label={label}
        title={label}
        onClick={popup.toggle}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown") return;
          event.preventDefault();
          popup.open();
        }}
      >
        <Icon name={icon} />
      </button>
      {popup.isOpen && <MenuItems links={links} label={label} close={popup.close} />}
    </div>
  );
}

function MenuItems({ links, label, close }: { links: MenuLink[]; label: string; close: () => void }) {
  const list = useRef<HTMLDivElement>(null);
  const items = () => [...(list.current?.querySelectorAll("a") ?? [])];
  useEffect(() => items()[0]?.focus(), []);

  const onKeyDown = (event: KeyboardEvent) => {
    const all = items();
    const at = all.indexOf(document.activeElement as HTMLAnchorElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    all.at(next % all.length)?.focus();
  };

  return (
    <PopoverBody class="menu">
      <div role="menu" aria-label={label} ref={list} tabIndex={-1} onKeyDown={onKeyDown}>
        {links.map((link) => (
          <a
            key={link.href}
            role="menuitem"
            tabIndex={-1}
            href={link.href}
            download={link.download}
            onClick={() => setTimeout(close)}
          >
            {link.text}
          </a>
        ))}
      </div>
    </PopoverBody>
  );
}
