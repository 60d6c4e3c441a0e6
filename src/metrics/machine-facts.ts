/** What only systeminformation knows of a machine; loaded when it is asked for, as few commands need it. */
import { cpu, osInfo, system } from 'systeminformation';

export interface MachineFacts {
  /** Distribution and release. */
  readonly os: string | null;
  readonly cpuMhz: number | null;
  /** The hypervisor's name, or null on bare metal. */
  readonly virtualization: string | null;
}

export async function machineFacts(): Promise<MachineFacts> {
  const [os, processor, machine] = await Promise.all([osInfo(), cpu(), system()]);
  const name = `${os.distro} ${os.release}`.trim();
  return {
    os: name === '' ? null : name,
    cpuMhz: processor.speed > 0 ? Math.round(processor.speed * 1_000) : null,
    virtualization: machine.virtual ? machine.virtualHost || 'virtual machine' : null,
  };
}
